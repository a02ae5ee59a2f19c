/** Browsers tell only the type while something is dragged. */
const TYPE = 'application/x-songreel-media';

export const isMediaDrag = (data: DataTransfer): boolean => data.types.includes(TYPE);

export function startMediaDrag(data: DataTransfer, mediaId: string): void {
  data.setData(TYPE, mediaId);
  data.effectAllowed = 'copy';
}

/** The id of what is dropped; null when it isn't media of a project. */
export function draggedMedia(data: DataTransfer): string | null {
  const id = data.getData(TYPE);
  return id === '' ? null : id;
}
