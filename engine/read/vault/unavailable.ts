/** A source that gives no usable value; the sentence goes on after what was wanted: "the secret 'name'". */
export class Unavailable extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
