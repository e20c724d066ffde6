import { type Query, query } from '../query.ts';

/** All kernel rules, as iptables-save prints them; nothing where there is no iptables. */
export const iptablesRules = (): Query =>
  query('if command -v iptables-save >/dev/null; then iptables-save -t nat; iptables-save -t filter; fi');
