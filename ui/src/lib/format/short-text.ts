/** A text with at most so many UTF-16 units, as the API's limits count them; no character is cut in half. */
export function shortText(text: string, most: number): string {
  const cut = text.slice(0, most);
  // What ends in the first half of a pair loses it.
  return text.isWellFormed() && !cut.isWellFormed() ? cut.slice(0, -1) : cut.toWellFormed();
}
