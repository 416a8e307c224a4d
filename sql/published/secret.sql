-- Fill in the key of a reader, and take the dashes away:
-- CREATE SECRET (TYPE s3, KEY_ID '...', SECRET '...'{given}, USE_SSL {use_ssl});

