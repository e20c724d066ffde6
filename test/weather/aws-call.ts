import type { IncomingHttpHeaders } from 'node:http';

/** A request to AWS, as far as the weather looks at it. */
export interface AwsCall {
  readonly service: string;
  readonly action: string;
  /** EC2 and the query services answer in XML, each with a frame of its own. */
  readonly protocol: 'ec2' | 'query' | 'json';
  /** Whether it only looks; one that is no read may have changed something. */
  readonly reads: boolean;
  /** The same for the same question. */
  readonly key: string;
}

/** An answer, whole: those of a control plane are small. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Hands out something new each time, so an older answer would be none. */
const issues = ['GetAuthorizationToken', 'GetCallerIdentity'];

/** The service stands in the signature's scope; the action in a header (JSON) or in the form (query and EC2). */
export function awsCall(headers: IncomingHttpHeaders, body: string): AwsCall {
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const target = headers['x-amz-target'];
  const action =
    typeof target === 'string' ? target.replace(/^.*\./, '') : (new URLSearchParams(body).get('Action') ?? '');
  const protocol = target !== undefined ? 'json' : service === 'ec2' ? 'ec2' : 'query';
  const reads = /^(Describe|List|Get|BatchGet)/.test(action) && !issues.includes(action);
  return { service, action, protocol, reads, key: `${service} ${action} ${body}` };
}

const words = {
  throttled: {
    ec2: [503, 'RequestLimitExceeded', 'Request limit exceeded.'],
    query: [400, 'Throttling', 'Rate exceeded'],
    json: [400, 'ThrottlingException', 'Rate exceeded'],
  },
  failing: {
    ec2: [500, 'InternalError', 'An internal error has occurred'],
    query: [500, 'ServiceFailure', 'The request processing has failed because of an unknown error.'],
    json: [500, 'InternalServerError', 'An error occurred on the server side.'],
  },
} as const;

/** How a service says that it will not, in its own protocol's words. */
export function refusal({ protocol }: AwsCall, kind: keyof typeof words): Answer {
  const [status, code, message] = words[kind][protocol];
  const type = protocol === 'json' ? 'application/x-amz-json-1.1' : 'text/xml;charset=UTF-8';
  return { status, headers: { 'content-type': type }, body: Buffer.from(frames[protocol](code, message)) };
}

/** What the load balancer before a service says of its own: no protocol's words at all. */
export const unavailable: Answer = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body><b>Http/1.1 Service Unavailable</b></body> </html>'),
};

const id = '00000000-0000-4000-8000-000000000000';

const frames = {
  ec2: (code: string, message: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>${id}</RequestID></Response>`,
  query: (code: string, message: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
  json: (code: string, message: string) => JSON.stringify({ __type: code, message }),
} as const;
