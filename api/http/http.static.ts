import { join } from 'node:path';
import { Hono } from 'hono';
import { serveStatic } from 'hono/bun';
import { inlineScriptHashes, pagePolicy } from './http.csp';

/** Names hold a hash of what is in them, so browsers need never ask again. */
const FOREVER = 'public, max-age=31536000, immutable';
/** The page itself must be asked for each time: it names the files above. */
const ASK_ALWAYS = 'no-cache';

/** What is there when the page was not built: programs use the API without it. */
const notBuilt = `<!doctype html><html lang="en"><title>Songreel</title>
<p>The studio page is not built. Start the studio with <code>bun run start</code>, or use the <a href="/docs">API</a>.</p></html>`;

/**
 * Serves the built page from `directory`: its files (compressed ones where the build made them) and,
 * for every path that is a place within the page, `200.html`. Must come after all other routes;
 * whatever is under `/api` is none of its business. `mediaOrigins` is where the page may load media from.
 */
export function pageRoutes(directory: string, mediaOrigins: readonly string[]) {
  const files = (cacheControl: string) =>
    serveStatic({
      root: directory,
      precompressed: true,
      onFound: (_path, c) => c.header('Cache-Control', cacheControl),
    });
  const shell = Bun.file(join(directory, '200.html'));
  return (
    new Hono()
      .get('/_app/immutable/*', files(FOREVER))
      // A file of another version that is gone is not a place within the page.
      .get('/_app/*', files(ASK_ALWAYS), (c) => c.notFound())
      .get('*', async (c, next) => {
        if (c.req.path.startsWith('/api/')) return c.notFound();
        return files(ASK_ALWAYS)(c, next);
      })
      .get('*', async (c) => {
        c.header('Cache-Control', ASK_ALWAYS);
        if (!(await shell.exists())) return c.html(notBuilt, 503);
        const html = await shell.text();
        const scriptHashes = inlineScriptHashes(html);
        c.header('Content-Security-Policy', pagePolicy({ scriptHashes, mediaOrigins }));
        return c.html(html);
      })
  );
}
