import { AppError } from '../../shared/errors';
import { cutText } from '../../shared/text';

export const nothingToStep = (direction: 'undo' | 'redo') =>
  direction === 'undo'
    ? new AppError({ code: 'NothingToUndo', message: 'There is no change of this timeline to undo.' })
    : new AppError({ code: 'NothingToRedo', message: 'There is no undone change of this timeline to redo.' });

export const timelineChanged = (expected: number, revision: number | null) =>
  new AppError({
    code: 'TimelineChanged',
    message: `The timeline was changed meanwhile: it is at revision ${revision}, not at ${expected}. Read the project again, then decide.`,
    details: { revision },
  });

export const notInBin = (id: string) =>
  new AppError({
    code: 'NotInBin',
    message: `There is no deleted scene, no replaced song and no deleted media "${cutText(id, 80)}" in this project's bin. GET …/bin lists them.`,
  });
