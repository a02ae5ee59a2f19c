/** Texts of the edit page's frame: viewer, timeline, scene cards, inspector, toolbar, keys. */
export const editor = {
  panels: {
    scenes: 'Scenes',
    inspector: 'Details',
    timeline: 'Timeline',
    viewer: 'Viewer',
    toggle: (panel: string, isOpen: boolean) => (isOpen ? `Hide ${panel}` : `Show ${panel}`),
    resize: (panel: string) => `Resize ${panel}`,
  },
  views: { preview: 'Preview', final: 'Final video' },
  frameBack: 'Back one frame',
  frameForward: 'Forward one frame',
  zoom: 'Zoom',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomFit: 'All in view',
  unplaced: (count: number) =>
    count === 1
      ? '1 scene has no place yet: a scene before it has no length.'
      : `${count} scenes have no place yet: a scene before them has no length.`,
  restOfSong: (length: string) => `No scene for ${length}`,
  afterSong: 'After the song',
  lipsyncRow: 'Lip-syncs',
  lipsyncOf: (sequence: number, state: string) => `Lip-sync of scene ${sequence}: ${state}`,
  lipsyncStates: {
    none: 'Add Lipsync',
    fresh: 'In sync',
    stale: 'Stale',
    running: 'Running',
    failed: 'Failed',
  },
  gap: (sequence: number) => `Scene ${sequence} has no clip yet`,
  speed: 'Speed',
  songFailed: 'The song could not be loaded; the preview runs without it.',
  undo: 'Undo',
  redo: 'Redo',
  history: {
    kinds: { order: 'order of the scenes', text: 'text' },
    takes: { trim: 'trim', choice: 'choice of version', lipsync: 'lip-sync' },
    undid: (what: string) => `Undone: ${what}.`,
    redid: (what: string) => `Done again: ${what}.`,
    cant: (what: string) => `This can't be undone any more: ${what}.`,
    why: {
      gone: 'The scene was deleted since.',
      changed: 'It was changed since, here or by someone else, and that is kept.',
      busy: 'The scene is being worked on. Try again when that has ended.',
    },
  },
  movedTo: (place: number, of: number) => `Now scene ${place} of ${of}.`,
  batch: 'Lip-sync',
  help: 'Keys and help',
};
