/** One part of a multipart form. */
export type FormPart = { name: string; fileName: string | null; contentType: string; bytes: Uint8Array };

/** Reads a multipart body with the runtime's own parser. */
export async function readForm(body: Uint8Array, contentType: string): Promise<FormPart[]> {
  const form = await new Response(Uint8Array.from(body), {
    headers: { 'Content-Type': contentType },
  }).formData();
  const parts: FormPart[] = [];
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') {
      parts.push({ name, fileName: null, contentType: 'text/plain', bytes: new TextEncoder().encode(value) });
    } else {
      parts.push({
        name,
        fileName: value.name,
        contentType: value.type,
        bytes: new Uint8Array(await value.arrayBuffer()),
      });
    }
  }
  return parts;
}
