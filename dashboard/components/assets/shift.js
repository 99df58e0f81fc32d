// Who is on shift, remembered by this browser: a signed value in a cookie, which the server reads when the page is
// loaded again. Only what was told is kept or dropped: another tab may have begun a shift of its own meanwhile.

export function keepShift(told) {
  if (!told) return;
  const held = document.cookie.split("; ").find((each) => each.startsWith(`${told.name}=`))?.slice(told.name.length + 1);
  const rest = `; Path=/; SameSite=Strict${location.protocol === "https:" ? "; Secure" : ""}`;
  if (told.keep && told.keep !== held) document.cookie = `${told.name}=${told.keep}; Max-Age=${told.seconds}${rest}`;
  if (told.drop && told.drop === held) document.cookie = `${told.name}=; Max-Age=0${rest}`;
}
