// What pages gain where scripts run; without them everything still works.
"use strict";

// A second press while the first is under way would be refused by the server; so it is not sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// "/" leads to the search, "b" to booking, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key.toLowerCase() === "k") {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); }
    }
    return;
  }
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const aim = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (!aim) return;
  event.preventDefault();
  if (aim.tagName === "A") aim.click(); else aim.focus();
});

// The list of mistakes is read first.
document.querySelector(".problems")?.focus();
// An error or a message in a part of the page that htmx could not load.
document.addEventListener("htmx:responseError", (event) => {
  const at = event.detail.target;
  if (at) at.textContent = document.documentElement.lang === "de"
    ? "Das hat nicht geklappt. Laden Sie die Seite neu." : "That did not work. Reload the page.";
});
