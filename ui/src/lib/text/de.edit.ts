import type { Catalogue } from './en.ts';

export const edit: Catalogue['edit'] = {
  title: 'Bearbeiten',
};
