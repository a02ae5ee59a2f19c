/** Everyday words written for this training set; sentences are drawn from them at random. */
const english =
  'the a my your our this that and but maybe never always when where somebody nobody people paper mother father brother summer moon blue room food good book look home open over only road slow low bottle hot father car far heart hard apple happy man map bad back black red bed men head next ten see me believe dream piece sea big sit give little milk time light fire sky fly night my voice boy joy noise mouth sound about town cow work bird girl first word love come sun under above month mum pop bubble baby pepper puppy mumble wave view five funny fish wash ship shoe church jump judge join yellow young yes water wind well why quick queen think thing with breathe there very violet zebra music singing long strong song king green great dream bring blow please play problem people simple jumping amber member remember rabbit hobby carry tomorrow sorrow window shadow follow hello goodbye';
const german =
  'der die das und aber wenn immer nie Mutter Vater Bruder Sommer Mond Blume Buch gut Brot rot oben offen schön böse müde Bühne über für Himmel Wasser Feuer Stimme Musik Lied singen sprechen Abend Morgen bald Bild Baum Haus Maus laut leise weiß heiß Papier Puppe Apfel Kopf Pfeife fünf vier wir Welt warm kommen nehmen geben lieben leben bleiben';
const spanish =
  'el la los y pero cuando siempre nunca madre padre hermano verano luna azul cuarto libro casa camino abierto bueno mano mapa pan boca voz música canción cantar hablar noche mañana fuego agua viento cielo flor bebé papá mamá pueblo problema simple rojo verde amarillo mucho chico lluvia perro gato';
const italian =
  'il la e ma quando sempre mai madre padre fratello estate luna blu libro casa strada aperto buono mano mappa pane bocca voce musica canzone cantare parlare notte mattina fuoco acqua vento cielo fiore bambino papà mamma popolo problema semplice rosso verde giallo molto pioggia cane gatto occhi bello';
const french =
  'le la et mais quand toujours jamais mère père frère été lune bleu chambre livre maison chemin ouvert bon main pain bouche voix musique chanson chanter parler nuit matin feu eau vent ciel fleur bébé papa maman peuple problème simple rouge vert jaune beaucoup pluie chien chat un deux rue jeune peur';

export const words: Record<string, readonly string[]> = {
  'en-us': english.split(' '),
  de: german.split(' '),
  es: spanish.split(' '),
  it: italian.split(' '),
  fr: french.split(' '),
};

/** Voices taught on, and voices (and one language) kept back to see whether the rest is understood. */
export const taughtLanguages = ['en-us', 'de', 'es', 'fr'] as const;
export const taughtVariants = [
  'f1',
  'f2',
  'f3',
  'm1',
  'm2',
  'm3',
  'm4',
  'm5',
  'm7',
  'klatt',
  'klatt3',
  'klatt4',
  'Alicia',
  'Andrea',
  'Annie',
  'linda',
  'steph',
  'michael',
  'rob',
  'travis',
  'Diogo',
  'edward',
  'belinda',
  'max',
] as const;
export const keptBackLanguages = ['en-us', 'it'] as const;
export const keptBackVariants = ['f4', 'f5', 'm6', 'm8', 'klatt2', 'anika', 'victor', 'steph3'] as const;
/** Voices of flite: two Americans and a diphone voice; a Scot is kept back. */
export const taughtRecorded = ['slt', 'rms', 'kal16'] as const;
export const keptBackRecorded = ['awb'] as const;
