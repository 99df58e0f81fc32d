// Runs before the page is painted, so that no look flashes up before the chosen one. Streamlit keeps its own theme for
// each path of the address; it follows ours.
(() => {
  let look = "dark";
  try {
    look = localStorage.getItem("risewatch_look") ?? look;
  } catch { /* a browser that remembers nothing shows the dark look */ }
  if (!["dark", "night", "light"].includes(look)) look = "dark";
  document.documentElement.dataset.look = look;
  try {
    localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(look === "light" ? "Light" : "Dark"));
  } catch { /* as above */ }
})();
