// The page's words in Korean and English, and how money is written. Names of theatres and things come from the services.

const WORDS = {
  ko: {
    other: "English", theatre: "극장", chooseTheatrePrompt: "극장을 선택하세요", menu: "메뉴", chooseTheatre: "극장을 선택하면 메뉴가 보입니다.",
    loading: "불러오는 중…", order: "주문하기", total: "합계", nickname: "닉네임", email: "이메일", back: "돌아가기", close: "닫기",
    yourOrder: "주문 내역", placing: "주문하는 중…", placed: "주문이 접수되었습니다. 결제해 주세요.", pay: "결제하기", paying: "결제하는 중…",
    paid: "결제가 완료되었습니다. 매장에서 받아 가세요.", orderNumber: "주문 번호", more: "하나 더", fewer: "하나 빼기",
    unavailable: "지금은 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.", retry: "다시 시도", emailTaken: "이미 등록된 이메일입니다. 다른 이메일을 입력해 주세요.",
    checkInput: "입력한 내용을 확인해 주세요.", count: (n) => `${n}개`,
    categories: { combo: "콤보", popcorn: "팝콘", drink: "음료", snack: "스낵" },
  },
  en: {
    other: "한국어", theatre: "Theatre", chooseTheatrePrompt: "Choose a theatre", menu: "Menu", chooseTheatre: "Choose a theatre to see its menu.",
    loading: "Loading…", order: "Order", total: "Total", nickname: "Nickname", email: "E-mail", back: "Back", close: "Close",
    yourOrder: "Your order", placing: "Placing your order…", placed: "Your order is placed. Please pay.", pay: "Pay", paying: "Paying…",
    paid: "Paid. Pick it up at the counter.", orderNumber: "Order", more: "One more", fewer: "One fewer",
    unavailable: "We cannot be reached right now. Please try again in a moment.", retry: "Try again", emailTaken: "This e-mail address is registered already. Please use another.",
    checkInput: "Please check what you entered.", count: (n) => `${n} ${n === 1 ? "item" : "items"}`,
    categories: { combo: "Combos", popcorn: "Popcorn", drink: "Drinks", snack: "Snacks" },
  },
};

let language = localStorage.getItem("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");

export const word = (key) => WORDS[language][key];
export const category = (key) => WORDS[language].categories[key.toLowerCase()] ?? key;
export const nameOf = (thing) => (language === "ko" ? thing.nameKo : thing.nameEn);
export const won = (amount) => new Intl.NumberFormat(language, { style: "currency", currency: "KRW" }).format(amount);
export const currentLanguage = () => language;

export function switchLanguage() {
  language = language === "ko" ? "en" : "ko";
  localStorage.setItem("language", language);
}
