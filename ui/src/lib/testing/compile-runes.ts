import { plugin } from 'bun';
import { compileModule } from 'svelte/compiler';

/** Lets a test import `*.svelte.ts` modules as the page has them. To be called before they are imported. */
export function compileRunes(): void {
  const typescript = new Bun.Transpiler({ loader: 'ts' });
  plugin({
    name: 'runes',
    setup(build) {
      build.onLoad({ filter: /\.svelte\.ts$/ }, async ({ path }) => {
        const source = typescript.transformSync(await Bun.file(path).text());
        return { contents: compileModule(source, { filename: path }).js.code, loader: 'js' };
      });
    },
  });
}
