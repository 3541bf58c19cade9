"""A stand-in for the speech of a browser, which no browser of the tests has a voice for."""

FAKE_SPEECH = """
if (window === window.top) {
    const voices = [], listeners = [];
    window.spoken = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    const synthesis = {
        current: null, cancelled: 0,
        getVoices: () => voices,
        addEventListener: (name, listener) => { if (name === "voiceschanged") listeners.push(listener); },
        speak(utterance) {
            if (this.current) throw new Error("two at once");
            this.current = utterance;
            const { text, lang, rate } = utterance;
            window.spoken.push({ text, lang, rate });
        },
        cancel() { this.cancelled++; this.current = null; },
        pause() { throw new Error("pause ends a sentence in Chrome on Android"); },
    };
    Object.defineProperty(window, "speechSynthesis", { value: synthesis });
    window.addVoices = (...tags) => {
        tags.forEach(lang => voices.push({ lang, name: lang, localService: true, default: false }));
        listeners.forEach(listener => listener());
    };
    window.finishSentence = (name = "end") => {
        const { current } = synthesis;
        synthesis.current = null;
        current["on" + name]({});
    };
    window.reach = charIndex => synthesis.current.onboundary({ charIndex });
}
"""
