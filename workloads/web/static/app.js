// The page: choose a theatre, fill a basket, order, pay. State lives in this file, words in words.js, requests in api.js.
import * as api from "/api.js";
import { category, currentLanguage, nameOf, switchLanguage, won, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const MAX_OF_ONE = 20;

const state = { theatres: [], items: [], basket: new Map(), order: null, keys: {} };

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(target, key, kind = "") {
  target.textContent = key ? word(key) : "";
  target.className = `${target.id === "menu-note" ? "note " : ""}${kind}`.trim();
  target.dataset.said = key ?? "";
}

const basketLines = () => state.items.filter((item) => state.basket.has(item.id));
const total = () => basketLines().reduce((sum, item) => sum + item.price * state.basket.get(item.id), 0);

function showTheatres() {
  const chosen = $("theatre").value;
  const regions = Map.groupBy
    ? Map.groupBy(state.theatres, (theatre) => theatre.region)
    : state.theatres.reduce((map, theatre) => map.set(theatre.region, [...(map.get(theatre.region) ?? []), theatre]), new Map());
  const groups = [...regions].map(([region, members]) =>
    element("optgroup", { label: region }, ...members.map((theatre) => element("option", { value: theatre.id, textContent: nameOf(theatre) }))));
  $("theatre").replaceChildren(element("option", { value: "", textContent: word("chooseTheatrePrompt"), disabled: true }), ...groups);
  $("theatre").value = chosen;
  $("theatre").disabled = state.theatres.length === 0;
}

function stepper(item) {
  const shown = element("output", { textContent: state.basket.get(item.id) ?? 0 });
  const fewer = element("button", { type: "button", textContent: "−", disabled: !state.basket.has(item.id) });
  const more = element("button", { type: "button", textContent: "+" });
  const change = (by) => {
    const count = Math.min(MAX_OF_ONE, Math.max(0, (state.basket.get(item.id) ?? 0) + by));
    if (count) state.basket.set(item.id, count);
    else state.basket.delete(item.id);
    state.keys = {};
    shown.textContent = count;
    fewer.disabled = count === 0;
    more.disabled = count === MAX_OF_ONE;
    showBasket();
  };
  fewer.setAttribute("aria-label", `${nameOf(item)}: ${word("fewer")}`);
  more.setAttribute("aria-label", `${nameOf(item)}: ${word("more")}`);
  fewer.onclick = () => change(-1);
  more.onclick = () => change(1);
  return element("div", { className: "stepper" }, fewer, shown, more);
}

function showMenu() {
  const sections = [...new Set(state.items.map((item) => item.category))].flatMap((key) => [
    element("h3", { textContent: category(key) }),
    element("ul", {}, ...state.items.filter((item) => item.category === key).map((item) =>
      element("li", { className: "item" },
        element("div", {}, element("strong", { textContent: nameOf(item) }), element("span", { className: "price", textContent: won(item.price) })),
        stepper(item)))),
  ]);
  $("menu").replaceChildren(...sections);
}

function showBasket() {
  const count = [...state.basket.values()].reduce((sum, n) => sum + n, 0);
  $("basket").hidden = count === 0;
  $("count").textContent = word("count")(count);
  $("total").textContent = won(total());
}

function showSheet() {
  const { order } = state;
  const lines = order
    ? order.lines.map((line) => [state.items.find((item) => item.id === line.menuItemId), line.quantity, line.unitPrice])
    : basketLines().map((item) => [item, state.basket.get(item.id), item.price]);
  $("sheet-title").textContent = order ? `${word("orderNumber")} ${order.id.slice(0, 8)}` : word("yourOrder");
  $("lines").replaceChildren(...lines.map(([item, quantity, price]) =>
    element("li", {}, element("span", { textContent: `${nameOf(item)} × ${quantity}` }), element("span", { className: "price", textContent: won(price * quantity) }))));
  $("sheet-total").textContent = won(order ? order.total : total());
  $("member").hidden = Boolean(order) || Boolean(localStorage.getItem("member"));
  $("act").hidden = order?.state === "PAID";
  $("act").textContent = order ? word("pay") : word("order");
  $("dismiss").textContent = order ? word("close") : word("back");
}

function showAll() {
  document.documentElement.lang = currentLanguage();
  $("language").textContent = word("other");
  $("language").lang = currentLanguage() === "ko" ? "en" : "ko";
  for (const target of document.querySelectorAll("[data-word]")) target.textContent = word(target.dataset.word);
  for (const target of document.querySelectorAll("[data-said]")) target.textContent = word(target.dataset.said) ?? "";
  showTheatres();
  showMenu();
  showBasket();
}

// A write keeps its key until it has succeeded or the basket has changed, so that pressing again is never a second order.
const keyFor = (what) => (state.keys[what] ??= api.newKey());

async function member() {
  const known = localStorage.getItem("member");
  if (known) return known;
  const made = await api.register(keyFor("register"), $("nickname").value.trim(), $("email").value.trim());
  localStorage.setItem("member", made.id);
  return made.id;
}

async function placeOrder() {
  if (!$("member").hidden && !$("member").reportValidity()) return;
  say($("outcome"), "placing");
  const lines = basketLines().map((item) => ({ menuItemId: item.id, quantity: state.basket.get(item.id) }));
  state.order = await api.place(keyFor("place"), await member(), Number($("theatre").value), lines);
  say($("outcome"), "placed");
}

async function payOrder() {
  say($("outcome"), "paying");
  await api.pay(keyFor("pay"), state.order);
  state.order = await api.order(state.order.id);
  state.basket.clear();
  say($("outcome"), "paid", "good");
}

async function act() {
  $("act").disabled = true;
  try {
    await (state.order ? payOrder() : placeOrder());
  } catch (failure) {
    if (failure.kind === "email-taken") state.keys = {};
    const reason = { "email-taken": "emailTaken" }[failure.kind] ?? (failure.status < 500 ? "checkInput" : "unavailable");
    say($("outcome"), reason, "bad");
  } finally {
    $("act").disabled = false;
    showSheet();
  }
}

async function load(work) {
  say($("menu-note"), "loading");
  try {
    await work();
  } catch {
    say($("menu-note"), "unavailable", "bad");
    $("menu").replaceChildren(element("button", { type: "button", textContent: word("retry"), onclick: () => load(work) }));
  }
}

const loadTheatres = () => load(async () => {
  state.theatres = await api.theatres();
  showTheatres();
  $("menu").replaceChildren();
  say($("menu-note"), "chooseTheatre");
  $("theatre").value = localStorage.getItem("theatre") ?? "";
  if ($("theatre").value) loadMenu();
});

const loadMenu = () => load(async () => {
  state.basket.clear();
  state.items = await api.menu($("theatre").value);
  localStorage.setItem("theatre", $("theatre").value);
  say($("menu-note"), "");
  showMenu();
  showBasket();
});

$("theatre").onchange = loadMenu;
$("language").onclick = () => { switchLanguage(); showAll(); };
$("checkout").onclick = () => { state.order = null; say($("outcome"), ""); showSheet(); $("sheet").showModal(); };
$("act").onclick = act;
$("member").onsubmit = (event) => { event.preventDefault(); act(); };
// A key belongs to one request body.
$("member").oninput = () => { delete state.keys.register; };
$("dismiss").onclick = () => $("sheet").close();
$("sheet").onclose = () => { if (state.order) { state.order = null; state.keys = {}; state.basket.clear(); } showMenu(); showBasket(); };

showAll();
loadTheatres();
