/** Something about the lab failed; the message is written for the person who runs it. */
export class LabError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LabError';
  }
}

/** This machine cannot run a lab at all; tests that need one are skipped with this reason. */
export class LabUnavailable extends LabError {
  constructor(message: string) {
    super(message);
    this.name = 'LabUnavailable';
  }
}
