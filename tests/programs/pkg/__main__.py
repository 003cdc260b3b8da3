print('package main', __name__, __spec__.name)
