import type { ErrorBody } from '../../contract/error.schema';
import { AppError } from '../../shared/errors';

/** An error of ours as the protocol's server wants it thrown: with status and body. */
class Refusal extends Error {
  readonly status_code: number;
  readonly body: string;

  constructor(error: AppError) {
    super(error.message, { cause: error });
    this.status_code = error.status;
    this.body = errorText(error);
  }
}

export const errorText = (error: AppError): string => {
  const body: ErrorBody = { error: error.code, message: error.message };
  return JSON.stringify(error.details === undefined ? body : { ...body, details: error.details });
};

/** Does some work; our errors are thrown on in the words of the protocol's server. */
export async function inTheirWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? new Refusal(error) : error;
  }
}
