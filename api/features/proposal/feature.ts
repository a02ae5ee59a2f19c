import { proposalRoutes } from './proposal.routes';
import { createProposalUsecases } from './proposal.usecases';

/** Scenes proposed from the song. */
export const proposalFeature = (given: Parameters<typeof createProposalUsecases>[0]) => ({
  routes: proposalRoutes(createProposalUsecases(given)),
});
