"""Classification of texts by language models: author, language, genre, sentiment.

Three methods and their combination. By likelihood, each class is a language model. By the state, a
regression on what a recurrent model remembers of the text. NBSVM on counted n-grams, the yardstick.
"""
