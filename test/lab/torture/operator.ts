/** Blockers of the stack that are read and accepted, and why nothing better is to be had for them in the lab. */
const accepted: Readonly<Record<string, string>> = {
  'seccomp:unconfined': 'a task definition has no seccomp profile: lost, and named so',
  'systempaths:unconfined': 'a task definition cannot open masked paths: lost, and named so',
  'shared-network:network-guest': 'no network of another container in bridge mode: lost, and named so',
};

/** ecsodus.yaml of who moves the torture stack. */
export const document = `# Written by hand.
name: torture
source: droplet
instance:
  type: t3.large
disk:
  sizeGib: 8
sampleSeconds: 1
settleSeconds: 4
healthTimeoutSeconds: 120
checks:
  - http://edge.example.test:8180/
  - http://large.example.test:8181/
accept:
${Object.keys(accepted)
  .map((each) => `  - ${each}`)
  .join('\n')}
`;
