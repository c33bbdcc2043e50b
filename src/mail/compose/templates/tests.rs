use super::*;

fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with(files: &[(&str, &str)]) -> Templates {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        fs::write(folder.path().join(name), source).unwrap();
    }
    Templates::load(folder.path()).unwrap()
}

fn gap(templates: &Templates, name: &str, pairs: &[(&str, &str)]) -> String {
    match templates.render(name, None, &vars(pairs)) {
        Err(TemplateError::Gap { variable, .. }) => variable,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_answer_to_recruiters_is_word_for_word_the_promised_one() {
    let templates = Templates::shipped();
    let one = templates.render_text("check-back", None, &vars(&[("months", "1")])).unwrap();
    assert!(one.ends_with("check back in 1 month.\n"), "{one}");
    let text = templates.render_text("check-back", Some("de"), &vars(&[("months", "8")])).unwrap();
    assert_eq!(
        text,
        "Hi,\n\nThanks for reaching out to me, but right now is not a good time to entertain new opportunities. \
         Feel free to check back in 8 months.\n"
    );
}

#[test]
fn a_missing_or_blank_value_is_named_wherever_it_is_used() {
    let templates = with(&[
        ("plain.hbs", "Hi {{name}}"),
        ("condition.hbs", "Hi{{#if name}} you{{/if}}"),
        ("untaken.hbs", "{{#if months}}x{{else}}{{name}}{{/if}}"),
        ("unless.hbs", "{{#unless name}}x{{/unless}}"),
        ("partial.hbs", "{{> plain}}"),
        ("parameter.hbs", "{{> plain name=nick}}"),
        ("with.hbs", "{{#with name as |n|}}{{n}}{{/with}}"),
        ("triple.hbs", "{{{name}}}"),
    ]);
    for name in ["plain", "condition", "untaken", "unless", "partial", "with", "triple"] {
        assert_eq!(gap(&templates, name, &[("months", "8")]), "name", "{name}");
        assert_eq!(gap(&templates, name, &[("months", "8"), ("name", " \n")]), "name", "{name}");
        assert!(templates.render(name, None, &vars(&[("months", "8"), ("name", "Rae")])).is_ok(), "{name}");
    }
    assert_eq!(gap(&templates, "parameter", &[]), "nick");
    assert_eq!(templates.render_text("parameter", None, &vars(&[("nick", "Rae")])).unwrap(), "Hi Rae\n");
}

#[test]
fn values_are_data() {
    let templates = with(&[("note.hbs", "{{first}}\n{{name}}")]);
    let rendered = templates
        .render("note", None, &vars(&[("first", "Subject: owned"), ("name", "<b>{{months}} & \"co\"</b>")]))
        .unwrap();
    assert_eq!(rendered, Rendered { subject: None, text: "Subject: owned\n<b>{{months}} & \"co\"</b>\n".to_owned() });
}

#[test]
fn a_subject_line_belongs_to_the_template_and_needs_its_values_too() {
    let templates = with(&[("coffee.hbs", "Subject: Coffee, {{name}}?\n\nHi {{name}}\n")]);
    let rendered = templates.render("coffee", None, &vars(&[("name", "Rae")])).unwrap();
    assert_eq!(rendered, Rendered { subject: Some("Coffee, Rae?".to_owned()), text: "Hi Rae\n".to_owned() });
    assert_eq!(gap(&templates, "coffee", &[]), "name");
}

#[test]
fn the_users_own_templates_go_first_and_languages_only_where_they_exist() {
    let templates =
        with(&[("check-back.hbs", "Own {{months}}"), ("check-back.de.hbs", "Hallo {{months}}"), ("x.txt", "")]);
    let months = vars(&[("months", "8")]);
    assert_eq!(templates.render_text("check-back", None, &months).unwrap(), "Own 8\n");
    assert_eq!(templates.render_text("check-back", Some("de"), &months).unwrap(), "Hallo 8\n");
    assert_eq!(templates.render_text("check-back", Some("fr"), &months).unwrap(), "Own 8\n");
    let own: Vec<&str> = templates.names().filter(|(_, own)| *own).map(|(name, _)| name).collect();
    assert_eq!(own, ["check-back", "check-back.de"]);
}

#[test]
fn a_faulty_template_is_an_error_only_when_it_is_used() {
    let templates = with(&[
        ("open.hbs", "Hi {{#if x}}"),
        ("itself.hbs", "{{> itself}}"),
        ("computed.hbs", "{{> (lookup this \"x\")}}"),
        ("logs.hbs", "{{log name}}"),
    ]);
    assert!(templates.render("check-back", None, &vars(&[("months", "8")])).is_ok());
    for name in ["open", "itself", "computed", "logs"] {
        let result = templates.render(name, None, &vars(&[("name", "Rae"), ("x", "y")]));
        assert!(matches!(result, Err(TemplateError::Broken { .. })), "{name}: {result:?}");
    }
    assert!(matches!(templates.render("nope", None, &vars(&[])), Err(TemplateError::NotFound { .. })));
}

#[test]
fn no_folder_of_own_templates_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Templates::load(&folder.path().join("none")).is_ok());
}
