/** Whether a job makes the take that fits a scene's slot: it goes on beside the scene's other work. */
export const isFitJob = (job: { kind: string }): boolean => job.kind === 'fit';
