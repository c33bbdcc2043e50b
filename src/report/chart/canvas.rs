//! SVG elements. Everything that is text is escaped here and nowhere else.

/// A rectangle of the drawing in which shares of the axes are places.
pub(super) struct Area {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Area {
    /// From the share of the width.
    pub(super) fn x(&self, share: f64) -> f64 {
        self.left + (self.right - self.left) * share.clamp(0.0, 1.0)
    }

    /// From the share of the height, counted from the bottom.
    pub(super) fn y(&self, share: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * share.clamp(0.0, 1.0)
    }
}

pub(super) struct Canvas {
    width: f64,
    height: f64,
    body: String,
}

impl Canvas {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(super) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        self.body += &format!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#);
    }

    /// From corner to corner.
    pub(super) fn rect(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let (width, height) = ((x2 - x1).max(0.0), (y2 - y1).max(0.0));
        self.body +=
            &format!(r#"<rect class="{class}" x="{x1:.1}" y="{y1:.1}" width="{width:.1}" height="{height:.1}"/>"#);
    }

    pub(super) fn dot(&mut self, x: f64, y: f64) {
        self.body += &format!(r#"<circle class="dot" cx="{x:.1}" cy="{y:.1}" r="4"/>"#);
    }

    pub(super) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        self.body += &format!(r#"<polyline class="{class}" points="{}"/>"#, join(points));
    }

    pub(super) fn polygon(&mut self, class: &str, points: &[(f64, f64)]) {
        self.body += &format!(r#"<polygon class="{class}" points="{}"/>"#, join(points));
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, class: &str, anchor: &str, x: f64, y: f64, text: &str) {
        if !text.is_empty() {
            let text = escape(text);
            self.body +=
                &format!(r#"<text class="{class}" text-anchor="{anchor}" x="{x:.1}" y="{y:.1}">{text}</text>"#);
        }
    }

    /// The whole element; `id` is unique on the page.
    pub(super) fn finish(self, id: &str, title: &str, description: &str) -> String {
        let Self { width, height, body } = self;
        let (title, description) = (escape(title), escape(description));
        format!(
            r#"<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-text"><title id="{id}-title">{title}</title><desc id="{id}-text">{description}</desc>{body}</svg>"#
        )
    }
}

fn join(points: &[(f64, f64)]) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    points.join(" ")
}

fn escape(text: &str) -> String {
    handlebars::html_escape(text)
}
