import type { JSHandle, Locator, Page } from 'playwright';

/** A file as it is dragged out of a folder; without a path it says what it is, and is not. */
export type Dropped = { name: string; type: string; path: string | null };

/** What the page is given by a drag of files from outside the browser. */
async function dragOf(page: Page, files: Dropped[]): Promise<JSHandle> {
  const contents = await Promise.all(
    files.map(async ({ name, type, path }) => ({
      name,
      type,
      base64:
        path === null
          ? Buffer.from('no film at all, '.repeat(20)).toString('base64')
          : Buffer.from(await Bun.file(path).arrayBuffer()).toString('base64'),
    })),
  );
  return page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of ${JSON.stringify(contents)}) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], name, { type, lastModified: 1 }));
    }
    return data;
  })()`);
}

/** Drops files on the middle of something; between, the words that are shown while they are held over it. */
export async function drop(onto: Locator, files: Dropped[], words: string): Promise<void> {
  const page = onto.page();
  const dataTransfer = await dragOf(page, files);
  const box = await onto.boundingBox();
  if (box === null) throw new Error('Nothing to drop on.');
  const place = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  await onto.dispatchEvent('dragover', { dataTransfer, ...place });
  await page.locator('[data-drop-mark]').getByText(words).waitFor();
  await onto.dispatchEvent('drop', { dataTransfer, ...place });
}
