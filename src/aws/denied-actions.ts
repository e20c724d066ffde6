import { type IAMClient, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { MigrationError } from '../errors.ts';
import type { AwsReader } from './aws.ts';

export const denialReader = (client: IAMClient): Pick<AwsReader, 'findDenied'> => ({
  findDenied: async ({ arn }, actions) => {
    const PolicySourceArn = principalOf(arn);
    if (PolicySourceArn === undefined) return [];
    const denied: string[] = [];
    try {
      const asked = { PolicySourceArn, ActionNames: [...actions] };
      for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client }, asked)) {
        const refused = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed');
        denied.push(...refused.flatMap(({ EvalActionName }) => EvalActionName ?? []));
      }
      return denied;
    } catch (error) {
      // Not everybody may ask, and a role may have a path that its session does not show: then each call tells.
      if (error instanceof MigrationError) return [];
      throw error;
    }
  },
});

/** Whose policies count: of a session, its role's. The account's root user has none. */
export function principalOf(arn: string): string | undefined {
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (role !== undefined) return `arn:${partition}:iam::${account}:role/${role}`;
  return /:iam::\d+:user\//.test(arn) ? arn : undefined;
}
