/** True for a value that bears a mark of `Symbol.for`, whichever copy of this program made it: unlike `instanceof`. */
export function isBranded(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, brand) === true;
}
