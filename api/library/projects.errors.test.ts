import { expect, test } from 'bun:test';
import { projectBusy as jobInTheWay } from '../jobs/jobs.errors';
import { projectBusy } from './projects.errors';

test('ProjectBusy names the jobs in the way in one form, wherever it comes from', () => {
  expect(jobInTheWay('one').details).toEqual(projectBusy(['one']).details);
});
