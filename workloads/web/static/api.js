// Talks to the three services. Every write carries an Idempotency-Key and is sent once more with the same key when it is
// unsure whether it happened: the services answer a repetition with the first answer.

const RETRY_AFTER_MS = 800;

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title);
    this.kind = (problem.type ?? "").replace("urn:fastorder:", "");
    this.status = problem.status;
  }
}

const unsure = (failure) =>
  !(failure instanceof Refused) || failure.status >= 500 || failure.kind === "retry";

async function send(path, options) {
  const response = await fetch(path, { ...options, signal: AbortSignal.timeout(20_000) });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Refused({ ...problem, status: response.status });
}

async function withOneRetry(path, options) {
  try {
    return await send(path, options);
  } catch (failure) {
    if (!unsure(failure)) throw failure;
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    return send(path, options);
  }
}

const read = (path) => withOneRetry(path, { headers: { Accept: "application/json" } });
const write = (path, key, body) => withOneRetry(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key },
  body: JSON.stringify(body),
});

export const newKey = () => crypto.randomUUID();
export const theatres = async () => (await read("/item/theatres")).theatres;
export const menu = async (theatreId) => (await read(`/item/theatres/${theatreId}/menu`)).items;
export const register = (key, nickname, email) => write("/user/members", key, { nickname, email });
export const place = (key, memberId, theatreId, lines) => write("/pay/orders", key, { memberId, theatreId, lines });
export const pay = (key, order) => write(`/pay/orders/${order.id}/payments`, key, { kind: "CHARGE", amount: order.total });
export const order = (id) => read(`/pay/orders/${id}`);
