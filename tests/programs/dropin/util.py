def util():
    return "the folder's"
