import type { BinUsecases } from './bin.usecases';
import { historyRoutes } from './history.routes';
import { createHistoryUsecases } from './history.usecases';

/** Undo and redo, and what was deleted. */
export const historyFeature = (
  given: Parameters<typeof createHistoryUsecases>[0] & { bin: BinUsecases },
) => ({
  routes: historyRoutes(createHistoryUsecases(given), given.bin),
});
