/**
 * Downloads every URL that an input names, as the vendors do. A list's items are named `name.0`,
 * `name.1`. `ownFile` gives the bytes of what was uploaded to the vendor itself.
 * @throws Error naming the field whose URL does not answer with success
 */
export async function downloadInputs(
  input: Record<string, unknown>,
  ownFile: (url: string) => Uint8Array | null,
): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  const named = Object.entries(input).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value) ? value.map((item, index) => [`${name}.${index}`, item]) : [[name, value]],
  );
  for (const [name, value] of named) {
    if (typeof value !== 'string' || !/^(https?:\/\/|data:)/.test(value)) continue;
    const own = ownFile(value);
    if (own !== null) {
      found[name] = own;
      continue;
    }
    const response = await fetch(value);
    if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    found[name] = new Uint8Array(await response.arrayBuffer());
  }
  return found;
}
