const SECRET_NAME = /(^|[._-])(password|senha|secret|segredo|token|api_?key|private_?key|authorization|credential)s?$/i;
/** Keys that say themselves what they are: counters', tokens', invitations' and the usual vendors'. */
const SECRET_VALUE = /^(b[kti]_.{20}|sk-.{12}|Bearer )/;
const SHOWN = '***';

/** A copy in which values that look like secrets are not shown: a net below those who leave them out themselves. */
export function redacted(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) => {
      if (typeof inner !== 'string') return inner;
      const words = name.replace(/([a-z])([A-Z])/g, '$1_$2');
      return SECRET_NAME.test(words) || SECRET_VALUE.test(inner) ? SHOWN : inner;
    }),
  ) as object;
}
