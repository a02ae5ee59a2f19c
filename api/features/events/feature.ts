import { limits } from '../../shared/limits';
import { eventRoutes } from './events.routes';
import { createOpenStreams } from './open-streams';

/** What happens in a project, as it happens. */
export const eventsFeature = (given: {
  subscribeToProject: Parameters<typeof eventRoutes>[0];
  access: Parameters<typeof eventRoutes>[1];
}) => ({
  routes: eventRoutes(given.subscribeToProject, given.access, createOpenStreams(limits)),
});
