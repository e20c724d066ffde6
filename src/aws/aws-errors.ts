import { type ErrorDetails, MigrationError, messageOf } from '../errors.ts';
import { hintFor } from './aws-hints.ts';

/** The part of an SDK error that is looked at: the code is in `name`, network trouble in `code`. */
interface SdkError extends Error {
  readonly code?: string;
  readonly hostname?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const expired = [
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
  'ExpiredTokenError',
];
const refused = [
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];

/** The one place where what AWS says becomes what the operator reads. `action` is IAM's name of the call, `ec2:RunInstances`. */
export function awsError(thrown: unknown, action: string): MigrationError {
  if (thrown instanceof MigrationError) return thrown;
  const error = thrown as SdkError;
  const text = saidBy(error);
  const say = (code: string, message: string, hint: string, more: ErrorDetails = {}) =>
    new MigrationError(code, message, { hint, cause: withoutResponse(thrown), ...more });

  if (/region is missing/i.test(text)) {
    return say(
      'aws-region-missing',
      'No AWS region is set.',
      'Add --region <region>, or type: aws configure set region <region>',
    );
  }
  if (isUnknownRegion(error, text)) {
    const host = error.hostname ? `${error.hostname} cannot be found` : text;
    return say(
      'aws-region-unknown',
      `AWS cannot be reached: ${host}. No such region, or no network.`,
      'Check --region; the regions there are: aws ec2 describe-regions --region us-east-1 --query "Regions[].RegionName"',
    );
  }
  if (expired.includes(error.name) || (isCredentialsTrouble(error) && /expired|sso login/i.test(text))) {
    return say(
      'aws-credentials-expired',
      `Your AWS credentials have expired: ${text}`,
      'Log in again (aws sso login, or aws configure), then check: aws sts get-caller-identity',
    );
  }
  if (isCredentialsTrouble(error)) {
    return say(
      'aws-credentials-missing',
      `No AWS credentials were found: ${text}`,
      'Type aws configure, or name a profile with --profile (aws configure list-profiles); check with: aws sts get-caller-identity',
    );
  }
  if (refused.includes(error.name)) {
    return say(
      'aws-credentials-refused',
      `AWS refuses your credentials: ${text}`,
      "Check with: aws sts get-caller-identity. Where the keys are right, check this machine's clock, and that the region is switched on: aws account enable-region --region-name <region>",
    );
  }
  if (isUnreachable(error)) {
    return say(
      'aws-unreachable',
      `${action}: no answer from AWS: ${text}.`,
      'Check the network, a proxy, and AWS_ENDPOINT_URL where it is set: aws sts get-caller-identity. Then run the same command again: it goes on where it was.',
    );
  }
  const hint = hintFor(error.name, action, text);
  if (hint === undefined && isDenial(error)) return denied(text, action, withoutResponse(thrown));
  return say(
    'aws-failed',
    `${action} failed: ${text}`,
    hint ??
      'Check who you are and where: aws sts get-caller-identity; aws configure list. Then run the same command again: it goes on where it was.',
  );
}

/** Node says nothing but the code where it has tried several addresses of a host. */
const saidBy = (error: SdkError): string => messageOf(error) || String(error.code);

class Failure extends Error {
  /** Undefined where no answer came. */
  status: number | undefined;
}

/** The SDK hangs the whole exchange on its errors, the signed request included; whoever prints a cause must not print that. */
function withoutResponse(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const slim = new Failure(thrown.message);
  slim.name = thrown.name;
  slim.status = (thrown as SdkError).$metadata?.httpStatusCode;
  if (thrown.stack !== undefined) slim.stack = thrown.stack;
  return slim;
}

function denied(text: string, action: string, cause: unknown): MigrationError {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(text)?.[1] ?? action;
  const resource = /on resource: (\S+)/.exec(text)?.[1];
  const who = /User: (\S+)/.exec(text)?.[1];
  return new MigrationError('aws-denied', `AWS does not let you call ${named}${resource ? ` on ${resource}` : ''}.`, {
    hint: `Allow ${named} in a policy of ${who ?? 'the user or role that aws sts get-caller-identity shows'}, then run the same command again. All that ecsodus calls is listed in src/aws/permissions.ts.`,
    evidence: [text],
    cause,
  });
}

const isCredentialsTrouble = (error: SdkError): boolean =>
  error.name === 'CredentialsProviderError' ||
  error.name === 'TokenProviderError' ||
  /could not load credentials/i.test(error.message);

/** A region that does not exist is no DNS name; a malformed one is refused by the SDK itself. */
const isUnknownRegion = (error: SdkError, text: string): boolean =>
  ((error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') && /\.amazonaws\./.test(error.hostname ?? text)) ||
  /region not accepted|invalid region/i.test(text);

const unreachable = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
];

const isUnreachable = (error: SdkError): boolean =>
  unreachable.includes(error.code ?? '') ||
  (error.name === 'TimeoutError' && error.$metadata?.httpStatusCode === undefined);

/** Any other 403 is a denial as well: a service control policy, a permissions boundary, a proxy. */
const isDenial = (error: SdkError): boolean =>
  /^(AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError)/.test(error.name ?? '') ||
  error.$metadata?.httpStatusCode === 403;

/** Whether a failed call failed with one of these AWS error codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof MigrationError && error.cause instanceof Error && codes.includes(error.cause.name);

/** Whether a call that failed may have had its effect all the same: no answer came, or only that something broke. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof MigrationError &&
  (error.code === 'aws-failed' || error.code === 'aws-unreachable') &&
  error.cause instanceof Failure &&
  (error.cause.status ?? 500) >= 500;

/** Undefined where AWS answers that there is no such thing. */
export async function unlessAbsent<T>(call: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}

interface Sends {
  send(command: object, ...rest: readonly unknown[]): Promise<unknown>;
}

/** Wraps the client's `send`, which the SDK's paginators use as well, so that no call can fail with anything else. */
export function withMigrationErrors<C extends object>(client: C, service: string): C {
  const sends = client as unknown as Sends;
  const send = sends.send.bind(client);
  sends.send = async (command, ...rest) => {
    try {
      return await send(command, ...rest);
    } catch (error) {
      throw awsError(error, `${service}:${command.constructor.name.replace(/Command$/, '')}`);
    }
  };
  return client;
}
