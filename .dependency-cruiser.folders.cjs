const rooms = require('./.dependency-cruiser.cjs');

/**
 * No circle between folders of api/, types counted. Apart from the other rules because tests stay out of it:
 * a test starts the whole studio, and a folder that holds one would import everything.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circles-between-folders',
      scope: 'folder',
      severity: 'error',
      from: { path: '^api/' },
      to: { circular: true },
    },
  ],
  options: { ...rooms.options, exclude: { path: '(\\.test\\.ts$|/test/)' } },
};
