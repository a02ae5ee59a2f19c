/** Writes an error that the page shows to the console too: its code for programs, and its words in English. */
export function tellConsole(error: { code?: string; message: string }): void {
  console.error(error.code === undefined ? error.message : `${error.code}: ${error.message}`);
}
