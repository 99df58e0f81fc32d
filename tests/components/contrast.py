"""WCAG contrast, measured on a page as the browser drew it, and on colours."""

# Every text of `root` against the ground under it: solid colours and the stops of gradients, whichever is worst,
# as dimmed as filters have them.
WEAK = """(root) => {
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (words) => {
    const c = words.match(/[\\d.]+/g).map(Number);
    const scale = words.startsWith("color(") ? 255 : 1;
    return [c[0] * scale, c[1] * scale, c[2] * scale, c[3] ?? 1];
  };
  const over = (top, under) => top.slice(0, 3).map((each, at) => each * top[3] + under[at] * (1 - top[3]));
  const dimmed = (colour, node) => {
    let by = 1;
    for (let at = node; at; at = at.parentElement) by *= Number(getComputedStyle(at).filter.match(/brightness\\(([\\d.]+)\\)/)?.[1] ?? 1);
    return colour.map((each, at) => (at < 3 ? each * by : each));
  };
  const grounds = (node) => {
    if (!node) return [[255, 255, 255]];
    const style = getComputedStyle(node);
    const stops = (style.backgroundImage.match(/rgba?\\([^)]+\\)|color\\([^)]+\\)/g) ?? []).map(parse);
    const own = parse(style.backgroundColor);
    const layers = (stops.length ? stops : own[3] > 0 ? [own] : []).map((each) => dimmed(each, node));
    if (!layers.length) return grounds(node.parentElement);
    if (layers.every((each) => each[3] === 1)) return layers.map((each) => each.slice(0, 3));
    return layers.flatMap((each) => grounds(node.parentElement).map((under) => over(each, under)));
  };
  const faded = (node) => { let all = 1; for (let at = node; at; at = at.parentElement) all *= getComputedStyle(at).opacity; return all; };
  const found = [];
  for (const node of document.querySelectorAll(`${root}, ${root} *`)) {
    const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
    if (!own || !node.getClientRects().length || getComputedStyle(node).visibility === "hidden") continue;
    if (node.closest(".rw-watermark, svg, canvas, [disabled], [aria-disabled=true], script, style, .rw-quietly, [aria-hidden=true], [role=slider], [data-testid=stSliderThumbValue]")) continue;  // a slider's number stands beside its thumb
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const colour = dimmed(parse(getComputedStyle(node).color), node);
    colour[3] *= faded(node);
    if (colour[3] < 0.05) continue;  // shown only under a finger
    for (const under of grounds(node)) {
      const [a, b] = [light(over(colour, under)), light(under)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) { found.push([node.className?.toString().slice(0, 50), node.textContent.trim().slice(0, 24), ratio.toFixed(2)]); break; }
    }
  }
  return found;
}"""  # noqa: E501


def weak(page, root):
    """What is too weak, and stays so: a colour may be on its way from one state of a button to another."""
    found = page.evaluate(WEAK, root)
    if found:
        page.wait_for_timeout(600)
        found = [each for each in page.evaluate(WEAK, root) if each in found]
    return found


def brightness(hexed: str) -> float:
    parts = [int(hexed[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
