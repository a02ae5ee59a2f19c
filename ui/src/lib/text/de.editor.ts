import type { editor as english } from './en.editor.ts';

/** Texte des Rahmens der Bearbeitungsseite. */
export const editor: typeof english = {
  panels: {
    scenes: 'Szenen',
    inspector: 'Details',
    timeline: 'Zeitleiste',
    viewer: 'Bild',
    toggle: (panel, isOpen) => (isOpen ? `${panel} ausblenden` : `${panel} einblenden`),
    resize: (panel) => `Größe ändern: ${panel}`,
  },
  views: { preview: 'Vorschau', final: 'Fertiges Video' },
  frameBack: 'Ein Bild zurück',
  frameForward: 'Ein Bild vor',
  zoom: 'Vergrößerung',
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
  zoomFit: 'Alles zeigen',
  unplaced: (count) =>
    count === 1
      ? '1 Szene hat noch keinen Platz: Eine vor ihr hat keine Länge.'
      : `${count} Szenen haben noch keinen Platz: Eine vor ihnen hat keine Länge.`,
  restOfSong: (length) => `${length} ohne Szene`,
  afterSong: 'Nach dem Song',
  lipsyncRow: 'Lip-Syncs',
  lipsyncOf: (sequence, state) => `Lip-Sync der Szene ${sequence}: ${state}`,
  lipsyncStates: {
    none: 'Lip-Sync hinzufügen',
    fresh: 'Synchron',
    stale: 'Veraltet',
    running: 'Läuft',
    failed: 'Fehlgeschlagen',
  },
  gap: (sequence) => `Szene ${sequence} hat noch keinen Clip`,
  speed: 'Tempo',
  songFailed: 'Der Song konnte nicht geladen werden; die Vorschau läuft ohne ihn.',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  history: {
    kinds: { order: 'Reihenfolge der Szenen', text: 'Text' },
    takes: { trim: 'Zuschnitt', choice: 'Wahl der Version', lipsync: 'Lip-Sync' },
    undid: (what) => `Rückgängig gemacht: ${what}.`,
    redid: (what) => `Wieder ausgeführt: ${what}.`,
    cant: (what) => `Das lässt sich nicht mehr zurücknehmen: ${what}.`,
    why: {
      gone: 'Die Szene wurde inzwischen gelöscht.',
      changed: 'Es wurde inzwischen geändert, hier oder von jemand anderem; das bleibt so.',
      busy: 'An der Szene wird gerade gearbeitet. Versuche es noch einmal, wenn das beendet ist.',
    },
  },
  movedTo: (place, of) => `Jetzt Szene ${place} von ${of}.`,
  batch: 'Lip-Sync',
  help: 'Tasten und Hilfe',
};
