/** Texts of the edit page. */
export const edit = {
  title: 'Edit',
};
