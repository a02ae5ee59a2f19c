import { i18n } from '#lib/text/i18n.svelte.ts';

// The page is one program for the browser; there is no server that could render it.
export const ssr = false;

export const load = () => i18n.start();
