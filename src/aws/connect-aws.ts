import type { AwsWriter } from './aws.ts';
import { awsError } from './aws-errors.ts';

export interface AwsOptions {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * The AWS calls ecsodus uses, with the SDK's own credential chain, region and AWS_ENDPOINT_URL. The SDK takes most of a
 * second to load, so it is loaded here and not with the command line.
 */
export async function connectAws({ profile, region }: AwsOptions): Promise<AwsWriter> {
  // The SDK would print its plans for Node versions in the middle of our output; this is its own switch for that.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const [sts, ec2, ecr, ecs, iam, ssm, secretsManager, quotas, denied, removals] = await Promise.all([
    import('./sts.ts'),
    import('./ec2.ts'),
    import('./ecr.ts'),
    import('./ecs.ts'),
    import('./iam.ts'),
    import('./ssm.ts'),
    import('./secrets-manager.ts'),
    import('./service-quotas.ts'),
    import('./denied-actions.ts'),
    import('./removals.ts'),
  ]);
  const first = sts.stsClient({ ...reach, ...(profile && { profile }), ...(region && { region }) });
  const resolved = await resolveRegion(first.config.region);
  // One chain for all clients: an SSO or process login is asked once.
  const options = { ...reach, ...(profile && { profile }), region: resolved, credentials: first.config.credentials };
  const once = { ...options, maxAttempts: 1 };
  const clients = {
    ec2: ec2.ec2Client(options),
    ecr: ecr.ecrClient(options),
    ecs: ecs.ecsClient(options),
    iam: iam.iamClient(options),
    ssm: ssm.ssmClient(options),
    secretsManager: secretsManager.secretsManagerClient(options),
  };
  return {
    ...sts.stsReader(first, resolved),
    ...ec2.ec2Reader(clients.ec2),
    ...ec2.ec2Writer(clients.ec2, ec2.ec2Client(once)),
    ...quotas.quotaReader(quotas.quotasClient({ ...options, ...brief }), clients.ec2),
    ...ecr.ecrReader(clients.ecr),
    ...ecr.ecrWriter(clients.ecr),
    ...ecs.ecsReader(clients.ecs),
    ...ecs.ecsWriter(clients.ecs, ecs.ecsClient(once)),
    ...iam.iamReader(clients.iam),
    ...iam.iamWriter(clients.iam),
    ...denied.denialReader(iam.iamClient({ ...options, ...brief })),
    ...ssm.ssmReader(clients.ssm),
    ...ssm.ssmWriter(clients.ssm),
    ...secretsManager.secretsManagerReader(clients.secretsManager),
    ...secretsManager.secretsManagerWriter(clients.secretsManager),
    ...removals.awsRemover(clients),
  };
}

/** Without limits the SDK waits for ever on a connection that a sleeping laptop has lost. */
const reach = {
  maxAttempts: 6,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
};

/** For what can do without an answer. */
const brief = {
  maxAttempts: 1,
  requestHandler: { ...reach.requestHandler, connectionTimeout: 2000, requestTimeout: 2000 },
};

async function resolveRegion(region: () => Promise<string>): Promise<string> {
  try {
    return await region();
  } catch (error) {
    throw awsError(error, 'sts:GetCallerIdentity');
  }
}
