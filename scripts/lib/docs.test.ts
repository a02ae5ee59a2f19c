import { expect, test } from 'bun:test';
import { dirname, join } from 'node:path';
import { Glob } from 'bun';

const root = join(import.meta.dir, '..', '..');
const decisions = '.devdocs/decisions';
const read = (path: string) => Bun.file(join(root, path)).text();

/** Numbers of the lip-sync engine's earlier notes, which the index leads to one document. */
const engineRow = /^\| \d{4} \| \[[^\]]+\]\(\.\.\/lipsync-engine\.md#/;

test('the index lists every decision with its title, status and date, in order', async () => {
  const files = [...new Glob('[0-9]*.md').scanSync({ cwd: join(root, decisions) })].sort();
  const rows = await Promise.all(
    files.map(async (file) => {
      const head = /^# (\d{4}) (.+)\n\nStatus: (.+)\nDate: (\d{4}-\d\d-\d\d)\n/.exec(
        await read(join(decisions, file)),
      );
      if (head === null || head[1] !== file.slice(0, 4)) {
        throw new Error(`${file} must begin with "# NNNN Title", its own number, "Status:" and "Date:".`);
      }
      const [, number, title, status, date] = head;
      return `| ${number} | [${title}](${file}) | ${status} | ${date} |`;
    }),
  );
  const listed = (await read(join(decisions, 'README.md'))).split('\n').filter((row) => /^\| \d/.test(row));
  expect(listed.filter((row) => !engineRow.test(row))).toEqual(rows);
  const numbers = listed.map((row) => row.slice(2, 6));
  expect(numbers).toEqual([...new Set(numbers)].sort());
});

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test('every link within the docs leads to a file and a heading that exist', async () => {
  const documents = ['*.md', '.devdocs/**/*.md', '.github/**/*.md'].flatMap((pattern) => [
    ...new Glob(pattern).scanSync({ cwd: root, dot: true }),
  ]);
  expect(documents.length).toBeGreaterThan(80);
  const broken: string[] = [];
  for (const document of documents) {
    for (const [, link = ''] of (await read(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      if (!(await Bun.file(join(root, target)).exists())) {
        broken.push(`${document}: ${link}`);
        continue;
      }
      if (anchor === undefined) continue;
      const headings = [...(await read(target)).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
        anchorOf(text),
      );
      if (!headings.includes(anchor)) broken.push(`${document}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});
