import { expect, test } from 'bun:test';
import { AppError, errorMessage } from './errors';

test('words of others in an error can be stored: its message, its details and the text of what was thrown', () => {
  const details = { reason: 'a\0b', list: [{ said: '\ud83d' }] };
  const error = new AppError({ code: 'ProviderFailed', status: 502, message: 'No \0face\ud83d.', details });
  expect(error.message).toBe('No face\ufffd.');
  expect(error.details).toEqual({ reason: 'ab', list: [{ said: '\ufffd' }] });
  expect(new AppError({ code: 'X', status: 500, message: 'x' }).details).toBeUndefined();
  expect(errorMessage(new Error('x\0'))).toBe('x');
  expect(errorMessage('\udc00')).toBe('\ufffd');
});
