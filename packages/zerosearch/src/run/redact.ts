/** Takes secrets out of what is written or sent (defect D40: the reference sends its configuration as it is). */

const SECRET_NAME =
  /(^|[^a-z])(api_?key|key|token|secret|password|passwd|credentials?|authorization)($|[^a-z](?!variable$))/;
const REDACTED = "[redacted]";

/**
 * A copy in which every string under a name with the word key, token, secret, password or the like is replaced, and
 * passwords inside of URLs too. Words are told apart by case and punctuation: `apiKey` and `wandb_token` hold one,
 * `maxTokens` and `monkey` do not, and `apiKeyVariable` only says where one is found. Numbers and booleans stay: no secret
 * is one.
 */
export function redact(value: unknown): unknown {
  if (typeof value === "string") return redactUrl(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSecretName(name) ? redactAll(member) : redact(member)]),
  );
}

/** Whether what stands under this name is secret. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2");
  return SECRET_NAME.test(words.toLowerCase());
}

function redactAll(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? value : REDACTED;
  if (Array.isArray(value)) return value.map(redactAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redactAll(member)]));
}

/** User names and passwords of URLs, and query parameters with secret names. */
function redactUrl(text: string): string {
  return text
    .replace(/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+@/gi, `$1${REDACTED}@`)
    .replace(/([?&])([^=&\s#]+)=([^&\s#]+)/g, (whole, mark: string, name: string) =>
      isSecretName(name) ? `${mark}${name}=${REDACTED}` : whole,
    );
}
