export const isRoot = process.getuid?.() === 0;
export const skippedForUsers = 'Not tried as another user of this machine: only root can become one.';

/** What a shell of the user `nobody` prints; it has no groups and none of root's rights. */
export async function asNobody(script: string): Promise<string> {
  const child = Bun.spawn(
    ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', script],
    { cwd: '/', stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const [out, words] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  if (code !== 0) throw new Error(`nobody's shell ended with ${code}: ${words}`);
  return out;
}
