import { expect, test } from 'bun:test';
import { readReport } from './junit-report';

test('counts what passed and what failed', () => {
  const xml =
    '<?xml version="1.0"?><testsuites name="bun test" tests="9" assertions="20" failures="2" skipped="1" time="1"><testsuite tests="3" failures="1"/></testsuites>';
  expect(readReport(xml)).toEqual({ passed: 6, failed: 2 });
});

test('a report that is not one counts as nothing known', () => {
  expect(readReport('')).toEqual({ passed: Number.NaN, failed: Number.NaN });
});
