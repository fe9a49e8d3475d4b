-- case: clients that went away without a word
-- limits: minimum=0 share=0
-- expect: database shop
SELECT 1;

-- case: clients that say goodbye
-- expect passed
-- innocent: a few that did not
SELECT 1;
