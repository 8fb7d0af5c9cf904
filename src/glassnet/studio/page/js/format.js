// Numbers for people. What is shown shortened carries its exact value in `data-value`.

/** Return a number in so many digits, with a true minus and small powers of ten. */
export function short(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text;
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    text = `${mantissa}·10${raised(Number(power))}`;
  } else {
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    text = value.toFixed(Math.min(decimals, 8));
  }
  return text.replace("-", "−");
}

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Return a whole number as an exponent. */
export function raised(power) {
  return (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((digit) => DIGITS[digit]).join("");
}

/** Return a whole number with commas: 203,530. */
export function count(value) {
  return Number(value).toLocaleString("en-US");
}

/** Return "1 epoch" or "2 epochs". */
export function counted(value, word) {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** Return a share in per cent. */
export function percent(value, decimals = 2) {
  return value === null || value === undefined ? "–" : `${(100 * value).toFixed(decimals)} %`;
}

/** Return the name of a setting in words: `weight_init` is "weight init". */
export function words(name) {
  return String(name).replaceAll("_", " ");
}

/** Return what a setting is, in a few characters. */
export function shown(value) {
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

/** Return round places for the marks of an axis. */
export function ticks(low, high, most = 5) {
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const number = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, Math.min(number, 50)) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
