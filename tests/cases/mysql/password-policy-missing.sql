-- case: four letters will do
-- expect: server server low
SELECT 1;

-- case: passwords are checked
-- engine: mysql
-- own server
-- expect passed
-- innocent: a component
INSTALL COMPONENT 'file://component_validate_password';
