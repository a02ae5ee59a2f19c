import { proposalRoutes } from './proposal.routes';
import { createProposalUsecases } from './proposal.usecases';
import { createSongStructureUsecases } from './song-structure.usecases';

type Given = Parameters<typeof createProposalUsecases>[0] & Parameters<typeof createSongStructureUsecases>[0];

/** What is heard in the song: its beats, bars and sections, and the scenes that it could have. */
export const proposalFeature = (given: Given) => ({
  routes: proposalRoutes(createProposalUsecases(given), createSongStructureUsecases(given)),
});
